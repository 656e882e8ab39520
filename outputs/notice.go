package outputs

import (
	"context"
	"time"
)

// Announcer is an output whose tool takes word of the agent itself. Announce is
// never called while Deliver runs; an error is told of and the notice is not
// offered again.
type Announcer interface {
	Announce(ctx context.Context, n Notice) error
}

// Notice is what an agent says of itself.
type Notice struct {
	At   time.Time
	News News
	// Alarm is what was raised or cleared; zero for a [Heartbeat].
	Alarm Alarm
	// Stand is how the output that announces stands.
	Stand Stand
}

// News is the sort of a notice.
type News string

// The sorts of notices.
const (
	Heartbeat    News = "heartbeat"
	AlarmRaised  News = "alarm-raised"
	AlarmCleared News = "alarm-cleared"
)

// Alarm is something that a person should look at.
type Alarm struct {
	// Name is a stable word for the sort of trouble, such as "held".
	Name string
	// Subject is what it is about, such as "output/edge".
	Subject string
	Since   time.Time
	// Text says what is wrong and what to do. It may hold what a hub or a tool
	// has said, so a plugin escapes it as it does a value.
	Text string
}

// Stand tells how an output stands.
type Stand struct {
	// Delivered counts the entries that the tool has accepted.
	Delivered int
	// LastDelivery is the end of the last delivery that succeeded, zero for none.
	LastDelivery time.Time
	// Alarms counts the alarms that stand.
	Alarms int
	// Version is the agent's.
	Version string
}

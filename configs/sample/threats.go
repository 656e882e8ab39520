package sample

// campaign is what an indicator of one campaign points at.
type campaign struct {
	objectType, name, description string
	malwareTypes                  []string
	attackID                      string // in MITRE ATT&CK
	article                       string
}

// killDisk is indicated by no fact of its own: which of the published hashes
// are KillDisk is not said. TeleBots uses it.
var killDisk = campaign{
	objectType: "malware", name: "KillDisk", malwareTypes: []string{"wiper"}, attackID: "S0607",
	description: "Malware that overwrites files and leaves systems unable to start. The TeleBots group used it at the end of its attacks.",
	article:     "https://www.welivesecurity.com/2016/12/13/rise-telebots-analyzing-disruptive-killdisk-attacks/",
}

var campaigns = map[string]campaign{
	"Industroyer": {
		objectType: "malware", name: "Industroyer", malwareTypes: []string{"backdoor", "wiper"}, attackID: "S0604",
		description: "Malware that speaks the protocols of substation equipment (IEC 60870-5-101, IEC 60870-5-104, IEC 61850 and OPC DA). It was made for the attack on a transmission substation near Kyiv in December 2016.",
		article:     "https://www.welivesecurity.com/2017/06/12/industroyer-biggest-threat-industrial-control-systems-since-stuxnet/",
	},
	"GreyEnergy": {
		objectType: "malware", name: "GreyEnergy", malwareTypes: []string{"backdoor"}, attackID: "S0342",
		description: "Modular malware for espionage and reconnaissance, found at energy companies and other critical infrastructure in Ukraine and Poland from 2015 on.",
		article:     "https://www.welivesecurity.com/2018/10/17/greyenergy-updated-arsenal-dangerous-threat-actors/",
	},
	"TeleBots": {
		objectType: "intrusion-set", name: "TeleBots", attackID: "G0034",
		description: "The group behind destructive attacks in Ukraine in 2016, held to have come from the one that struck the power grid with BlackEnergy in December 2015.",
		article:     "https://www.welivesecurity.com/2016/12/13/rise-telebots-analyzing-disruptive-killdisk-attacks/",
	},
}

// campaignOrder is the order in which the bundle describes the campaigns.
var campaignOrder = []string{"Industroyer", "GreyEnergy", "TeleBots"}

func (c campaign) id() string { return newID(c.objectType, c.name) }

func (c campaign) object() threat {
	t := threat{common: published(c.objectType, c.name), Types: c.malwareTypes}
	t.Name, t.Description = c.name, c.description
	t.References = []reference{
		{Source: "mitre-attack", ExternalID: c.attackID},
		{Source: "ESET WeLiveSecurity", URL: c.article},
	}
	if c.objectType == "malware" {
		family := true
		t.Family = &family
	}
	return t
}

func relate(relation, source, target string) relationship {
	return relationship{
		common:   published("relationship", relation+" "+source+" "+target),
		Relation: relation, Source: source, Target: target,
	}
}

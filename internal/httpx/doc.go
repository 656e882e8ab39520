// Package httpx is the HTTP client of every plugin: hashicorp/go-retryablehttp
// between what a site wants (credentials from files, a private authority, a
// proxy, limits on size and silence) and what an operator reads when it goes
// wrong (one line, with the address, without a secret).
//
// A plugin embeds [Settings] in its own settings, checks them with
// [Settings.Validate], and makes its [Client] with [Settings.Client].
//
// Three promises hold for every request. Credentials are read anew each time,
// so a rotated one needs no restart. They go to the addresses that the
// configuration names and to no other origin; a redirect to another origin is
// refused. And no answer, compressed or not, takes more memory than
// max_response allows.
package httpx

// Package ecs writes indicators as documents of the Elastic Common Schema: the
// fields that Elastic's indicator match rules, and whatever else reads
// threat.indicator.*, look for. One document is about one key, whatever the
// number of sources that assert it.
//
// A prefix never goes into threat.indicator.ip, which holds one address:
// Elasticsearch refuses the whole document otherwise. It goes into
// indicatord.range, which takes a mapping of type ip_range.
package ecs

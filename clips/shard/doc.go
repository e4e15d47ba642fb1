// Package shard reads WebDataset shards: tar files in which members that share a name up to its first dot are one sample. A scan
// reads the headers alone and remembers where the members lie, so that any of them can be read later without the others.
//
// Names in a shard are only compared and shown. They never become paths.
package shard

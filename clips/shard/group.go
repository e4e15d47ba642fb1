package shard

import (
	"fmt"
	"strings"
)

// maxParts bounds the members of a sample, and with it the time that finding one takes.
const maxParts = 64

// Group is a sample of a shard: members that share a key. Extensions are distinct, and in the order of the shard.
type Group struct {
	Key     string
	Members []Part
}

// Part is a member of a sample by what it is.
type Part struct {
	Extension string // behind the first dot of the name, in lower case: "jpg", "seg.png"
	Member
}

// Find returns the member with an extension, and whether there is one.
func (g *Group) Find(extension string) (Member, bool) {
	for _, p := range g.Members {
		if p.Extension == extension {
			return p.Member, true
		}
	}
	return Member{}, false
}

// Groups are the samples of the members, in the order of their first ones, and the members that belong to none. WebDataset wants
// the members of a sample beside each other; here they may lie anywhere in the shard, since all headers are known.
func (c *Contents) Groups() (groups []Group, left []Left) {
	index := map[string]int{}
	for _, m := range c.Members {
		key, extension, ok := split(m.Name)
		switch {
		case !ok:
			left = append(left, Left{m.Name, "name without an extension, or hidden", true})
			continue
		case strings.HasPrefix(key, "__") && strings.HasSuffix(key, "__"):
			left = append(left, Left{m.Name, "about the shard, not a sample", true})
			continue
		}
		i, seen := index[key]
		if !seen {
			i = len(groups)
			index[key] = i
			groups = append(groups, Group{Key: key})
		}
		if _, again := groups[i].Find(extension); again {
			left = append(left, Left{m.Name, "second member of that name in the shard", false})
			continue
		}
		if len(groups[i].Members) == maxParts {
			left = append(left, Left{m.Name, fmt.Sprintf("its sample has more than %d members", maxParts), false})
			continue
		}
		groups[i].Members = append(groups[i].Members, Part{extension, m})
	}
	return groups, left
}

// split cuts a name at the first dot of its last element, as WebDataset does: the folders belong to the key.
func split(name string) (key, extension string, ok bool) {
	folder := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[folder:], '.')
	if dot <= 0 {
		return "", "", false
	}
	return name[:folder+dot], strings.ToLower(name[folder+dot+1:]), true
}

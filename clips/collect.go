package clips

import "strings"

// collect fills batches in the order of the epoch. Whatever a batch reports has happened before its position.
func (l *Loader) collect(queue <-chan *job) {
	defer close(l.out)
	var b *Batch
	var skipped []Skip
	for j := range queue {
		select {
		case <-j.ready:
		case <-l.ctx.Done():
			return
		}
		if j.skip != nil {
			skipped = append(skipped, *j.skip)
		}
		if j.clip == nil {
			continue
		}
		if b == nil {
			b = l.takeBatch()
		}
		b.add(j.clip, l.cfg.Source.Sample(j.index), j.index)
		l.giveClip(j.clip)
		if b.Size() < l.cfg.Batch {
			continue
		}
		b.Position, b.Skipped, skipped = j.position+1, skipped, nil
		if !send(l.ctx, l.out, b) {
			return
		}
		b = nil
	}
	if b != nil && !l.cfg.DropLast && l.ctx.Err() == nil {
		b.cut(l.cfg.Batch)
		b.Position, b.Skipped, skipped = l.entries(), skipped, nil
		send(l.ctx, l.out, b)
	}
	l.tail = skipped
}

// entries is the length of the epoch for this rank.
func (l *Loader) entries() int {
	if o := l.cfg.Order; o != nil {
		return givenOrder(o, 0, l.cfg.World).len()
	}
	return order{n: l.cfg.Source.Len(), world: l.cfg.World}.len()
}

func (l *Loader) takeBatch() *Batch {
	var b *Batch
	select {
	case b = <-l.free:
		b.reset(l.cfg.Batch)
	default:
		b = newBatch(l.cfg.Recipe, l.cfg.Batch)
	}
	b.Epoch = l.cfg.Epoch
	b.release = func(b *Batch) {
		select {
		case l.free <- b:
		default:
		}
	}
	return b
}

// cutPath takes the path off the front of a message.
func cutPath(message, path string) string {
	if rest, ok := strings.CutPrefix(message, path+": "); ok {
		return rest
	}
	return message
}

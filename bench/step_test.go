package main

import (
	"syscall"
	"testing"
	"time"

	"vssl/torch"
)

// BenchmarkStep times one training step; peer_step.py is the same step in PyTorch.
func BenchmarkStep(b *testing.B) {
	for _, w := range workloads {
		for _, precision := range []string{"fp32", "bf16"} {
			b.Run(w.model+"/"+precision, func(b *testing.B) {
				scope := torch.NewScope()
				defer scope.Close()
				s, err := newStep(scope, w)
				if err != nil {
					b.Fatal(err)
				}
				defer s.sgd.Close()
				for range 2 { // fills caches and the momentum
					s.run(precision)
				}
				began := cpuTime()
				for b.Loop() {
					s.run(precision)
				}
				b.ReportMetric((cpuTime()-began).Seconds()/float64(b.N), "cpu-s/op")
				b.ReportMetric(float64(2*w.shape[0]*b.N)/b.Elapsed().Seconds(), "clips/s")
			})
		}
	}
}

// cpuTime is what the process has used on all cores: of use on a machine that does other things too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // impossible for the process itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

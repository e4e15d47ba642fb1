// Package audio turns sound into what networks read: short-time spectra, mel spectrograms and other sample rates.
//
// Sound is []float32, one channel, any scale; sums are formed in float64. A transform is a plan that holds its tables and
// buffers: it is made once, allocates nothing a frame and belongs to one goroutine, so a loader makes one a worker.
// Spectra are written row-major [bins, frames], the order of torch.stft.
package audio

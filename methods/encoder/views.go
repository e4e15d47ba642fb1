package encoder

import (
	"vssl/clips"
	"vssl/methods"
)

// OneView is a recipe of one cut that is seen once, augmented as the run says.
func OneView(env methods.Env) clips.Recipe { return views(env, 1) }

// TwoViews is a recipe of one cut that is seen twice, augmented as the run says.
func TwoViews(env methods.Env) clips.Recipe { return views(env, 2) }

func views(env methods.Env, n int) clips.Recipe {
	r := clips.Recipe{Cuts: 1, Frames: env.Clip.Frames, Stride: env.Clip.Stride}
	for range n {
		r.Views = append(r.Views, clips.View{Cut: 0, Augment: env.Augment})
	}
	return r
}

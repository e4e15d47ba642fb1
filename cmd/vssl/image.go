package main

import (
	"github.com/spf13/cobra"

	"vssl/methods"
)

func newImage() *cobra.Command {
	return newTrain(methods.Image, &cobra.Command{
		Use:   "image",
		Short: "Train a network on unlabelled pictures",
		Long: `Trains a network on unlabelled pictures by one of the image methods of ` + "`vssl methods`" + `: the same trainer, the same run folder
and the same flags as ` + "`vssl pretrain`" + `, since a picture is a clip of one frame.`,
		Example: `  vssl image --data photos --method simclr --model resnet18 --batch 256 --lr 0.3 --out runs/photos
  vssl image --dataset cifar10 --data data/cifar10 --method simclr --recipe small --epochs 10 --out runs/cifar
  vssl eval knn --run runs/cifar
  vssl image --out runs/cifar --resume`,
	})
}

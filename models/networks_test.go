package models_test

import (
	"strings"
	"testing"

	"vssl/models"
)

// TestOnlyPublishedStems: a network without a small stem says so.
func TestOnlyPublishedStems(t *testing.T) {
	_, err := models.Build("alexnet", models.Config{Stem: models.StemSmall}, nil)
	if err == nil || !strings.Contains(err.Error(), `model "alexnet" has no stem "small"`) {
		t.Errorf("got %v", err)
	}
}

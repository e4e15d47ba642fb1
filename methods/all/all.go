// Package all makes every method known to the registry of vssl/methods: import it for its side effect.
package all

import (
	_ "vssl/methods/clustering"  // registers its methods
	_ "vssl/methods/contrastive" // registers its methods
	_ "vssl/methods/distill"     // registers its methods
	_ "vssl/methods/semi"        // registers its methods
)

"""A cluster in virtual time: the product's machine, page budget, pacing, batching and autoscaling, and no Ray."""

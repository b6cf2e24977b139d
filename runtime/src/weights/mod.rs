//! Weights of our pallets, measured by `scripts/weights`.

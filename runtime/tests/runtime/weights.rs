//! The weights are those that were measured on this runtime.

use encrytrust_runtime::{weights, Runtime};
use std::any::type_name;

#[test]
fn own_pallets_use_measured_weights() {
	for (used, measured) in [
		(
			type_name::<<Runtime as pallet_bmpc::Config>::WeightInfo>(),
			type_name::<weights::pallet_bmpc::WeightInfo<Runtime>>(),
		),
		(
			type_name::<<Runtime as pallet_bonds::Config>::WeightInfo>(),
			type_name::<weights::pallet_bonds::WeightInfo<Runtime>>(),
		),
		(
			type_name::<<Runtime as pallet_finality_clock::Config>::WeightInfo>(),
			type_name::<weights::pallet_finality_clock::WeightInfo<Runtime>>(),
		),
		(
			type_name::<<Runtime as pallet_identity_keys::Config>::WeightInfo>(),
			type_name::<weights::pallet_identity_keys::WeightInfo<Runtime>>(),
		),
		(
			type_name::<<Runtime as pallet_token_allocation::Config>::WeightInfo>(),
			type_name::<weights::pallet_token_allocation::WeightInfo<Runtime>>(),
		),
	] {
		assert_eq!(used, measured);
	}
}

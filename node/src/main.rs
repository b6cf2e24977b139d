//! The EncryTrust node.

fn main() -> sc_cli::Result<()> {
	encrytrust_service::run(env!("SUBSTRATE_CLI_IMPL_VERSION"))
}

//! What a ceremony needs of us: the circuit to start from, and the import of its result.

use anyhow::{bail, Context, Result};
use encrytrust_circuits::iden3::{import_zkey, r1cs_file, verifying_key_to_json};
use std::{
	env, fs,
	io::{self, Write},
	path::Path,
};

const USAGE: &str = "usage: encrytrust-circuit r1cs OUT.r1cs
       encrytrust-circuit import IN.zkey OUT_DIRECTORY

  r1cs     write the circuit, for snarkjs groth16 setup
  import   check a ceremony's zkey, and write proving_key.bin, verifying_key.bin (what set_verifying_key takes) and
           verifying_key.json (what snarkjs groth16 verify takes)";

fn main() -> Result<()> {
	let arguments: Vec<_> = env::args().skip(1).collect();
	match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
		["r1cs", out] => write(out, r1cs_file()),
		["import", zkey, out] => import(zkey, Path::new(out)),
		["-h" | "--help"] => writeln!(io::stdout(), "{USAGE}").context("cannot write to standard output"),
		_ => bail!("{USAGE}"),
	}
}

fn import(zkey: &str, out: &Path) -> Result<()> {
	let file = fs::read(zkey).with_context(|| format!("{zkey} can't be read"))?;
	let key = import_zkey(&file).with_context(|| zkey.to_owned())?;
	let verifying_key = key.verifying_key();
	write(out.join("proving_key.bin"), key.to_bytes())?;
	write(out.join("verifying_key.bin"), verifying_key.encode())?;
	write(out.join("verifying_key.json"), serde_json::to_vec_pretty(&verifying_key_to_json(&verifying_key))?)
}

fn write(path: impl AsRef<Path>, bytes: Vec<u8>) -> Result<()> {
	let path = path.as_ref();
	fs::write(path, bytes).with_context(|| format!("{} can't be written", path.display()))
}

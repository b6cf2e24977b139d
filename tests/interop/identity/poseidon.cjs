// Prints lines of two or four random numbers, and after "=" their hash by circomlibjs.
const { randomBytes } = require("crypto");
const { buildPoseidon } = require("circomlibjs");

const ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

async function main(count) {
	const poseidon = await buildPoseidon();
	for (let i = 0; i < count; i++) {
		const inputs = Array.from({ length: i % 2 ? 4 : 2 }, () => BigInt("0x" + randomBytes(40).toString("hex")) % ORDER);
		console.log(`${inputs.join(" ")}=${poseidon.F.toString(poseidon(inputs))}`);
	}
}

main(Number(process.argv[2]));

//! Columns that look like ids: they say who a row is about, and are not to compute with.

/// From how many rows on consecutive numbers look like ids: among fewer they may be chance.
pub(crate) const MIN_ROWS: u64 = 10;

/// Last words of names of ids.
const LAST_WORDS: [&str; 20] = [
	"id",
	"ids",
	"no",
	"nr",
	"num",
	"nummer",
	"uuid",
	"guid",
	"oid",
	"rowid",
	"pk",
	"ssn",
	"mrn",
	"iban",
	"passport",
	"patientid",
	"userid",
	"customerid",
	"personid",
	"caseid",
];
/// Names of ids that are one word: a `body mass index` and a `number of visits` are measures.
const SINGLE_WORDS: [&str; 4] = ["index", "idx", "key", "row"];
/// Last words of names of ids if another word precedes them.
const LAST_OF_SEVERAL: [&str; 1] = ["number"];
/// What German names of ids end in: Kundennummer, KVNR.
const ENDINGS: [&str; 2] = ["nummer", "nr"];

/// Whether a column's name is like that of an id: `id`, `patient_no`, `CaseID`, `Kundennummer`.
pub(crate) fn is_name_of_id(name: &str) -> bool {
	let words = words(name);
	let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
	let is = |list: &[&str], word: &str| list.contains(&word);
	first == "id"
		|| is(&LAST_WORDS, last)
		|| (words.len() == 1 && is(&SINGLE_WORDS, last))
		|| (words.len() > 1 && is(&LAST_OF_SEVERAL, last))
		|| ENDINGS.iter().any(|ending| last.ends_with(ending))
}

/// The words of a name, in lower case: they are separated by other characters, or begin with a capital after a small
/// letter.
fn words(name: &str) -> Vec<String> {
	let mut spaced = String::new();
	let mut before = ' ';
	for character in name.chars() {
		if before.is_lowercase() && character.is_uppercase() {
			spaced.push(' ');
		}
		spaced.extend(character.to_lowercase());
		before = character;
	}
	let words = spaced.split(|character: char| !character.is_alphanumeric());
	words.filter(|word| !word.is_empty()).map(String::from).collect()
}

/// Whether integers are distinct and consecutive, in any order, decided in constant memory.
///
/// As many integers as lie from the smallest to the largest one are either these, or some occur twice and others not.
/// The sum of a pseudo-random function over them distinguishes the two, except for one chance in 2^64: compared is its
/// sum over the range. (A plain sum would be deceived by 1, 2, 2, 4, 6 for 1, 2, 3, 4, 5.)
#[derive(Debug, Default)]
pub(crate) struct Consecutive {
	count: u64,
	smallest: i64,
	largest: i64,
	mixed: u64,
}

impl Consecutive {
	/// Takes the next integer.
	pub(crate) fn see(&mut self, value: i64) {
		if self.count == 0 {
			(self.smallest, self.largest) = (value, value);
		}
		self.count += 1;
		self.smallest = self.smallest.min(value);
		self.largest = self.largest.max(value);
		self.mixed = self.mixed.wrapping_add(mix(value));
	}

	/// The smallest and the largest, if there are enough and they are consecutive.
	pub(crate) fn range(&self) -> Option<(i64, i64)> {
		let is_full = self.count >= MIN_ROWS && self.largest.abs_diff(self.smallest) == self.count - 1;
		let sum = || (self.smallest..=self.largest).fold(0, |sum: u64, value| sum.wrapping_add(mix(value)));
		(is_full && sum() == self.mixed).then_some((self.smallest, self.largest))
	}
}

/// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn mix(value: i64) -> u64 {
	let mut bits = (value as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
	bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	#[test]
	fn is_name_of_id_recognises_names_of_ids() {
		for name in [
			"id",
			"ID",
			"Id",
			"patient_id",
			"PatientID",
			"patientId",
			"id_patient",
			"patient_no",
			"Patient No.",
			"case-nr",
			"Nummer",
			"Kundennummer",
			"KVNR",
			"ssn",
			"MRN",
			"uuid",
			"index",
			"patientid",
			"room_number",
			"#id",
			"key",
		] {
			assert!(is_name_of_id(name), "{name}");
		}
		for name in [
			"age",
			"paid",
			"uric_acid",
			"covid",
			"fluid",
			"identity",
			"number",
			"number_of_visits",
			"no_of_children",
			"mean_radius",
			"noise",
			"hazard",
			"width",
			"idle_hours",
			"body mass index",
			"",
		] {
			assert!(!is_name_of_id(name), "{name}");
		}
	}

	fn range_of(values: &[i64]) -> Option<(i64, i64)> {
		let mut ids = Consecutive::default();
		values.iter().for_each(|value| ids.see(*value));
		ids.range()
	}

	#[test]
	fn range_recognises_consecutive_integers_only() {
		assert_eq!(range_of(&[]), None);
		assert_eq!(range_of(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), None);
		assert_eq!(range_of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), Some((1, 10)));
		assert_eq!(range_of(&[-3, 5, 4, 3, 2, 1, 0, -1, -2, 6]), Some((-3, 6)));
		assert_eq!(range_of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 9]), None);
		assert_eq!(range_of(&[1, 2, 2, 4, 6, 6, 7, 8, 9, 10]), None);
		// Also the same sum of squares: 1 + 5 + 6 = 2 + 3 + 7.
		assert_eq!(range_of(&[0, 2, 2, 3, 3, 4, 7, 7, 8, 9]), None);
		assert_eq!(range_of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 11]), None);
	}

	proptest! {
		#[test]
		fn range_does_not_depend_on_the_order(
			values in (-(1i64 << 61)..1 << 61).prop_flat_map(|first| {
				(10i64..50).prop_flat_map(move |count| Just((first..first + count).collect::<Vec<_>>()).prop_shuffle())
			}),
		) {
			prop_assert!(range_of(&values).is_some());
		}

		#[test]
		fn range_agrees_with_a_sorted_list(values in vec(0i64..12, 10..13)) {
			let mut sorted = values.clone();
			sorted.sort_unstable();
			let consecutive = sorted.windows(2).all(|pair| pair[1] == pair[0] + 1);
			prop_assert_eq!(range_of(&values).is_some(), consecutive);
		}
	}
}

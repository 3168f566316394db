/** Machine code as a listing that is its own source: bytes, assembly, reason. Pure. */

/** Rows of hexadecimal bytes, the assembly that gives them (`label: mnemonic`), and why it stands there. */
export type Listing = readonly (readonly [bytes: string, assembly: string, why: string])[];

/** Joins the bytes of a listing. */
export function joinListing(listing: Listing): Uint8Array<ArrayBuffer> {
  const joined = listing.map(([bytes]) => bytes).join(" ").split(" ");
  return Uint8Array.from(joined, (byte) => parseInt(byte, 16));
}

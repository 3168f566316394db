/** IP addresses as people write them. Pure. */

/** Four numbers up to 255 without leading zeros, which some programs read as octal; or what a URL takes in brackets. */
export function isAddress(text: string): boolean {
  return isIpv4(text) ||
    /^[0-9a-f:.]+$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]`);
}

/** Whether it is one of IPv4. */
export function isIpv4(text: string): boolean {
  const numbers = text.split(".");
  return numbers.length === 4 &&
    numbers.every((each) => /^(0|[1-9][0-9]{0,2})$/.test(each) && Number(each) <= 255);
}

/** The 4 or 16 bytes of an address that {@link isAddress}, in network order. */
export function addressBytes(text: string): readonly number[] {
  if (isIpv4(text)) return text.split(".").map(Number);
  // As RFC 5952 writes it, without an IPv4 address at its end.
  const [before = "", after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const first = groups(before);
  const last = after === undefined ? [] : groups(after);
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...zeros, ...last].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** What of a layer are no files: marks of deletion, and attributes. Pure. */

/** Beginnings of names that delete. Source: OCI image-spec, layer.md, "Whiteouts". */
export const WHITEOUT = ".wh.";
export const OPAQUE = ".wh..wh..opq";
export const OWN_OF_AUFS = ".wh..wh.";
export const OPAQUE_ATTRIBUTE = "user.overlay.opaque";
/** Overlay takes what stands below it as orders of its own. */
const ORDERS = "user.overlay.";
export const CAPABILITY = "security.capability";

/** Whether an attribute is one that a container may have. */
export function isKeptAttribute(name: string): boolean {
  return name === CAPABILITY || name.startsWith("user.") && !name.startsWith(ORDERS);
}

/** Go's html, js and urlquery. Pure. */

import { isPrintable } from "./quote.ts";

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Escapes for the text of a page in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => HTML[character] ?? character);
}

/** Escapes for a text in JavaScript. */
export function escapeJs(text: string): string {
  return [...text].map(escapeJsCharacter).join("");
}

function escapeJsCharacter(character: string): string {
  if (character === "\\" || character === "'" || character === '"') return `\\${character}`;
  const isPlain = character >= " " && !"<>&=".includes(character);
  if (isPlain && (character.codePointAt(0) === 0x7f || isPrintable(character))) return character;
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Escapes for the query of a URL. */
export function escapeUrlQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

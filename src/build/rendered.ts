/** What an error of a build carries besides its message. Pure. */

/** Lines for people, which an error carries: what is wrong, and where. */
export class Rendered {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What an applied operation did, told after it is in the view. The line is the text that deployed peers print;
 * it holds words of others, so whoever shows it cleans it first. After a reorder the same is told again.
 */
export interface AppliedEvent {
  readonly op: string
  readonly line: string | null
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * The decimal number that stands there; NaN when not every character is one of 0–9. Makes no text of it and asks no regular expression,
 * which on the path of every notice costs more than all of its fields.
 */
export function digits(text: string, start: number, count: number): number {
  let number = 0
  for (let at = start; at < start + count; at++) {
    const digit = text.charCodeAt(at) - 48 // "0"
    if (!(digit >= 0 && digit <= 9)) return Number.NaN // past the end it is NaN already
    number = number * 10 + digit
  }
  return number
}

import { BillBrokenError } from './billErrors.ts'

/** The columns of a bill by their names: they differ between kinds of bills and between merchants, and have been added to. */
export interface BillColumns {
  names: readonly string[]
  /** The columns from here on stand behind the texts that anybody may have written; 0: there are no such texts. */
  textsEnd: number
  /** @returns -1 when the bill has none of them */
  find(...names: string[]): number
  /** @throws {BillBrokenError} when the bill has none of them */
  need(...names: string[]): number
}

/**
 * @param header - the first line, without its end: names without backticks, parted by commas
 * @param lastText - the last of the columns of texts that the merchant chose
 * @param line - on which it stands
 * @throws {BillBrokenError}
 */
export function readColumns(header: string, lastText: string, line = 1): BillColumns {
  const names = header.split(',')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new BillBrokenError(line, undefined, 'the header has a column twice')
  const find = (...wanted: string[]) => names.findIndex((name) => name === wanted.find((one) => names.includes(one)))

  return {
    names,
    textsEnd: find(lastText) + 1,
    find,
    need(...wanted) {
      const index = find(...wanted)
      if (index === -1) throw new BillBrokenError(line, wanted[0], 'the header has no such column')
      return index
    },
  }
}

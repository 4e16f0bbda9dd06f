import { createReadStream } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { answerParent } from './tasks.ts'

/** Reads a bill and splits its lines, and its lines into their cells: what nobody can do without who reads one. */
let file = ''
answerParent({
  open: (input: { file: string }) => void (file = input.file),
  run: () => splitAll(file),
})

async function splitAll(path: string): Promise<{ lines: number; cells: number }> {
  const decoder = new StringDecoder('utf8')
  const counted = { lines: 0, cells: 0 }
  let rest = ''
  for await (const chunk of createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split('\r\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      counted.lines += 1
      counted.cells += line.split(',`').length
    }
  }
  return counted
}

import { parseArgs } from 'node:util'
import { doctorTable } from './doctorTable.ts'
import { examine } from './examine.ts'

const usage = `usage: doctor [--json] [--payment OUT_TRADE_NO]

Looks at the settings of WeChat Pay, asks WeChat, and says what is wrong. Changes nothing.
  --payment  a payment that WeChat knows: its answer shows whether WeChat's public key is the right one
  --json     for programs`

function options(): { json: boolean; payment: string | undefined } | undefined {
  try {
    const { json, payment } = parseArgs({ options: { json: { type: 'boolean', default: false }, payment: { type: 'string' } } }).values
    return { json, payment }
  } catch {
    return undefined
  }
}

const asked = options()
if (!asked) {
  console.error(usage)
  process.exitCode = 2
} else {
  const rows = await examine(process.env, asked.payment)
  const isFaulty = rows.some(({ state }) => state === 'fault')
  console.log(
    asked.json
      ? JSON.stringify({ ok: !isFaulty, findings: rows }, null, 2)
      : doctorTable(rows, process.stdout.isTTY ? process.stdout.columns : 120),
  )
  process.exitCode = isFaulty ? 1 : 0
}

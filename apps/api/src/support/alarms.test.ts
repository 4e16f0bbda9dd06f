import { expect, it } from 'vitest'
import { KeysMissingError } from '../commands/steps/wechatGates.ts'
import { createAlarms } from './alarms.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'

it('tells once of keys that are missing, with the settings to look at, however often they are needed', async () => {
  const lines: string[] = []
  const metrics = createMetrics({ processMetrics: false })
  const alarms = createAlarms({ logger: createLogger({ destination: { write: (line) => void lines.push(line) } }), metrics })
  alarms.keysMissing(new KeysMissingError('old', 'SOME_KEY'), { openPayments: 3 })
  alarms.keysMissing(new KeysMissingError('old', 'SOME_KEY'))
  alarms.keysMissing(new KeysMissingError('unheard-of', undefined))
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/"openPayments":3.*payments of protocol old need SOME_KEY/)
  expect(lines[1]).toContain('a version of this service that knows it')
  expect(await metrics.render()).toContain('payment_anomalies_total{kind="keys-missing"} 2')
})

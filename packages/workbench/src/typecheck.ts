import { main } from './command.ts'
import { checkTypes } from './typePrograms.ts'

await main(async () => ((await checkTypes(2, (text) => process.stdout.write(text))) === 0 ? 0 : 1))

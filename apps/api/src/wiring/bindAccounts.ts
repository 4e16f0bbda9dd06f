import type { AccountCommands } from '../commands/accountCommands.ts'
import type { AccountContext } from '../commands/accountContext.ts'
import { beginAuthorisation } from '../commands/beginAuthorisation.ts'
import { finishAuthorisation } from '../commands/finishAuthorisation.ts'
import { loginMiniProgram } from '../commands/loginMiniProgram.ts'
import { receiveMessage } from '../commands/receiveMessage.ts'
import { signJsSdkPage } from '../commands/signJsSdkPage.ts'
import type { Config } from '../config.ts'
import type { AccountKeys } from '../config/readWechatAccounts.ts'
import { createAccountApi } from '../officialAccount/accountApi.ts'
import { createAccountTokens } from '../officialAccount/accountTokens.ts'
import { handlers } from '../officialAccount/handlers.ts'
import type { Database } from '../storage/database.ts'
import { findPayerSession } from '../storage/payerSessions.ts'
import { systemClock } from '../support/clock.ts'
import type { Logger } from '../support/logger.ts'
import type { Metrics } from '../support/metrics.ts'

/** The parts whose settings are there. */
export function bindAccounts(config: Config, { db, metrics, logger }: { db: Database; metrics: Metrics; logger: Logger }): AccountCommands {
  const { officialAccount, miniProgram, messages, apiUrl } = config.accounts
  const api = createAccountApi({
    apiUrl,
    onCall({ error, ...made }) {
      metrics.wechatCall({ protocol: 'account', ...made })
      if (error) logger.warn({ call: made.call, outcome: made.outcome, err: error }, 'WeChat gave no answer that helps')
    },
  })
  const context: AccountContext = { db, clock: systemClock, config: config.accounts, publicUrl: config.publicUrl, api }
  const appIds = { 'official-account': officialAccount?.appId, 'mini-program': miniProgram?.appId }
  return {
    authorisation: officialAccount && {
      begin: (input) => beginAuthorisation(context, officialAccount, input),
      finish: (callback) => finishAuthorisation(context, officialAccount, callback),
    },
    miniProgram: miniProgram && { login: (input) => loginMiniProgram(context, miniProgram, input) },
    messages: messages && {
      settings: messages,
      receive: (push, withinMs) => receiveMessage({ ...context, handlers, logger }, messages, push, withinMs),
    },
    signPage: officialAccount && bindSignPage(context, officialAccount),
    async findPayer(token, source) {
      const appId = appIds[source]
      return appId === undefined ? null : findPayerSession(db, token, { source, appId, now: systemClock.now() })
    },
  }
}

function bindSignPage({ db, clock, api }: AccountContext, keys: AccountKeys): NonNullable<AccountCommands['signPage']> {
  const tokens = createAccountTokens({ db, clock, api, keys })
  return (url) => signJsSdkPage({ tokens, clock }, keys, url)
}

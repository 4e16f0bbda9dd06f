import type { Payer, PayerSource } from '../domain/payer.ts'
import type { MessageSettings, OpenedPush } from '../officialAccount/push.ts'
import type { Callback } from '../storage/authorisations.ts'
import type { BeginAuthorisationInput } from './beginAuthorisation.ts'
import type { FinishedAuthorisation } from './finishAuthorisation.ts'
import type { MiniProgramLogin } from './loginMiniProgram.ts'
import type { ReceivedMessage } from './receiveMessage.ts'
import type { JsSdkConfig } from './signJsSdkPage.ts'

/** What the outside may ask for around the merchant's accounts at WeChat. A part is null when its settings are missing. */
export interface AccountCommands {
  readonly authorisation: {
    /** null: too many from this address. */
    begin(input: BeginAuthorisationInput): Promise<{ url: string; browser: string } | null>
    finish(callback: Callback): Promise<FinishedAuthorisation>
  } | null
  readonly miniProgram: {
    login(input: { code: string; clientAddress: string }): Promise<MiniProgramLogin>
  } | null
  readonly messages: {
    readonly settings: MessageSettings
    /** @throws {PushRefusedError} for a replay @throws {MessageNotStoredError} */
    receive(push: OpenedPush, withinMs: number): Promise<ReceivedMessage>
  } | null
  /** @throws {CredentialUnavailableError} */
  readonly signPage: ((url: string) => Promise<JsSdkConfig>) | null
  /** Who has this token; null when nobody (any more). */
  findPayer(token: string, source: PayerSource): Promise<Payer | null>
}

import type { MessageKey } from '../i18n.ts'
import type { Trouble } from './state.ts'

/** Why it takes longer; it goes on by itself. */
export const troubleWords: Record<Trouble, MessageKey> = {
  slow: 'creatingSlow',
  busy: 'wechatBusy',
  'no-connection': 'retryingConnection',
  'no-answer': 'retryingServer',
}

import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Signed = { token: z.string(), timestamp: z.string(), nonce: z.string() }
const Aes = { encoding_aes_key: z.string(), encrypt: z.string() }

const Vectors = z.object({
  server_check: z.object({ ...Signed, echostr: z.string(), signature: z.string() }),
  plain_push_doc_example: z.object({ ...Signed, signature: z.string() }),
  aes_push_json: z.object({
    ...Signed,
    ...Aes,
    appid: z.string(),
    random16: z.string(),
    plaintext: z.string(),
    signature: z.string(),
    msg_signature: z.string(),
  }),
  aes_reply_json: z.object({
    plaintext: z.string(),
    random16: z.string(),
    encrypt: z.string(),
    timestamp: z.string(),
    nonce: z.string(),
    msg_signature: z.string(),
  }),
  aes_wxjava_vector: z.object({ ...Aes, appid: z.string(), random16: z.string(), plaintext: z.string() }),
  aes_push_xml: z.object({
    ...Signed,
    ...Aes,
    appid: z.string(),
    random16: z.string(),
    plaintext: z.string(),
    signature: z.string(),
    msg_signature: z.string(),
    request_body: z.string(),
  }),
  aes_reply_xml: z.object({
    ...Signed,
    ...Aes,
    appid: z.string(),
    random16: z.string(),
    plaintext: z.string(),
    msg_signature: z.string(),
    response_body: z.string(),
  }),
  aes_push_negative: z.array(z.object({ ...Signed, ...Aes, name: z.string(), expected_appid: z.string(), msg_signature: z.string() })),
  jssdk: z.array(
    z.object({ jsapi_ticket: z.string(), noncestr: z.string(), timestamp: z.string(), url: z.string(), signature: z.string() }),
  ),
})

/** WeChat's published examples and ours: fixtures/README.md says which are which. */
export const vectors = Vectors.parse(
  JSON.parse(readFileSync(new URL('../accounts/fixtures/officialAccount.json', import.meta.url), 'utf8')),
)

const hidden = '[redacted]'

/** Names whose values are not written: keys, signatures, credentials, and what identifies a payer or opens an order. */
const secretName =
  '(?:authorization|cookie|set-cookie|sign|signature|paysign|(?:sub_)?open_?id|\\w*token|secret|ticket|password|ciphertext|\\w*key)'

/**
 * Where secrets stand in a log line: fields of its JSON, our addresses, WeChat's XML and JSON, keys, signed texts, bearer headers, the database's address.
 * A replacement contains nothing that JSON would have to escape.
 */
const secretPlaces: readonly [RegExp, string][] = [
  [new RegExp(`"(${secretName})":"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `"$1":"${hidden}"`],
  // JSON that somebody has quoted, e.g. WeChat's answer inside a message.
  [new RegExp(`\\\\"(${secretName})\\\\" ?: ?\\\\"[^"\\\\]*`, 'gi'), `\\"$1\\":\\"${hidden}`],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[^"-]*/g, `-----BEGIN $1-----${hidden}`],
  [/(\/(?:checkouts|pay|receipt)\/)(?!:)[A-Za-z0-9_-]{20,}/g, `$1${hidden}`],
  [/<(sign|(?:sub_)?openid)>(?:<!\[CDATA\[)?[^<\]"\\]*/gi, `<$1>${hidden}`],
  [/\b(sign|openid|sub_openid|key|token|access_token|secret|ticket)=[^&\s"'\\]+/gi, `$1=${hidden}`],
  // Of WeChat's addresses: what lets a browser or a mini program be somebody.
  [/([?&](?:js_)?code|[?&]state|wxpay_payer|wxpay_browser)=[^&\s;"'\\]+/gi, `$1=${hidden}`],
  [/\b(signature)=\\"[^"\\]*/gi, `$1=${hidden}`],
  [/\b(bearer|basic) +[\w.~+/=-]+/gi, `$1 ${hidden}`],
  [/\b(postgres(?:ql)?:\/\/[^:@/\s"]*):[^@\s"]*@/gi, `$1:${hidden}@`],
]

export function redactLine(line: string): string {
  return secretPlaces.reduce((redacted, [place, replacement]) => redacted.replace(place, replacement), line)
}

/** An error with its causes. Not with its other fields: a database error carries the values of the row that failed. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  // Several addresses were tried: each has a reason of its own.
  const reasons = error instanceof AggregateError ? error.errors.map((one: unknown) => reasonOf(one)) : undefined
  return { name, message, code, reasons, stack, cause: depth < maxCauses ? describeError(cause, depth + 1) : undefined }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A chain of causes may be a ring. */
const maxCauses = 5

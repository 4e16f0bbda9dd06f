import { Parser } from 'xml2js'

/** The largest message that is read, in bytes. WeChat's are below 4 KiB; bills are not XML. */
export const maxXmlBytes = 65_536

export class MalformedXmlError extends Error {
  override readonly name = 'MalformedXmlError'
}

/** `<root>` is what a refund's notice has inside of its encryption. */
export type RootName = 'xml' | 'root'

/**
 * Reads one of WeChat's flat messages: `<xml>` with one element per field, text or CDATA.
 *
 * The gate below is the whole grammar that is let through to xml2js. It refuses what could make two readers see different messages
 * (comments, DOCTYPE, processing instructions, attributes, namespaces, nesting, a name twice, text between the fields), entities
 * beyond XML's own five, and bytes that are not UTF-8. One byte order mark may stand first: it belongs to the encoding, not to the text.
 * Values come out as they were sent: nothing is trimmed or converted, and line ends are not normalised, for the signature covers them.
 *
 * @returns every field in the order it came, whatever its name ("constructor" is a name like any other)
 * @throws {MalformedXmlError} with the place, never with a value
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=23_5 why a message from outside must not reach an open parser
 */
export function readXml(bytes: Uint8Array, root: RootName = 'xml'): Map<string, string> {
  if (bytes.length > maxXmlBytes) throw new MalformedXmlError(`more than ${maxXmlBytes} bytes`)
  const text = decode(bytes)
  passGate(text, root)
  return valuesOf(parse(text))
}

/**
 * Writes a message as WeChat's pages show it. Every value stands in CDATA; `]]>` inside a value is split over two sections.
 *
 * @throws {RangeError} for what XML cannot carry unchanged; the value is not in the message
 */
export function writeXml(fields: Iterable<readonly [name: string, value: string]>): string {
  let xml = '<xml>'
  for (const [name, value] of fields) {
    if (!fieldName.test(name)) throw new RangeError(`not the name of a field: ${JSON.stringify(name)}`)
    if (unwritable.test(value)) throw new RangeError(`${name} has a character that XML cannot carry unchanged`)
    xml += `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`
  }
  return `${xml}</xml>`
}

// XML 1.0, production 2 (Char). A carriage return is legal, but a reader turns it into a line feed (section 2.11).
const unwritable = /[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
// eslint-disable-next-line no-control-regex -- control characters are what is being refused
const unreadable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

// WeChat's longest names are near 30 characters; a limit keeps what we say about them short.
const name = '[A-Za-z][\\w.-]{0,63}'
const fieldName = new RegExp(`^${name}$`)

// The grammar. Each repetition can be entered in one way only, so that no input makes the matching slow.
const space = '[ \\t\\r\\n]*'
const declaration = `<\\?xml[ \\t\\r\\n]+version=(?:"1\\.0"|'1\\.0')(?:[ \\t\\r\\n]+encoding=(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?(?:[ \\t\\r\\n]+standalone=(?:"(?:yes|no)"|'(?:yes|no)'))?${space}\\?>`
const cdata = '<!\\[CDATA\\[[^\\]]*(?:\\](?!\\]>)[^\\]]*)*\\]\\]>'
const reference = '&(?:amp|lt|gt|quot|apos|#\\d{1,7}|#x[\\da-fA-F]{1,6});'
const content = `[^<&\\]]*(?:(?:\\](?!\\]>)|${reference}|${cdata})[^<&\\]]*)*`

const opening = (root: RootName) => new RegExp(`(?:${declaration})?${space}<${root}${space}>${space}`, 'y')
const closing = (root: RootName) => new RegExp(`</${root}${space}>${space}$`, 'y')
const gates = {
  xml: { opening: opening('xml'), closing: closing('xml') },
  root: { opening: opening('root'), closing: closing('root') },
} satisfies Record<RootName, object>
const field = new RegExp(`<(${name})${space}(?:/>|>${content}</\\1${space}>)${space}`, 'y')
const allCdata = new RegExp(cdata, 'g')

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new MalformedXmlError('not UTF-8', { cause })
  }
}

function passGate(text: string, root: RootName): void {
  const { opening, closing } = gates[root]
  if (unreadable.test(text)) throw new MalformedXmlError('has a control character')
  opening.lastIndex = 0
  if (!opening.test(text)) throw new MalformedXmlError(`does not begin with <${root}>`)
  let end = opening.lastIndex
  for (field.lastIndex = end; field.test(text); end = field.lastIndex);
  closing.lastIndex = end
  if (!closing.test(text)) throw new MalformedXmlError(`not a flat list of fields at character ${end}`)
  if (text.includes('&#')) checkReferences(text)
}

/** Numeric references may name only characters that XML allows: "&#0;" and "&#xFFFE;" are refused. The text must have passed the grammar. */
function checkReferences(text: string): void {
  for (const [, decimal, hex] of text.replace(allCdata, '').matchAll(/&#(?:(\d+)|x([\da-fA-F]+));/g)) {
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    const isLegal = code <= 0x10ffff && (code === 0x0d || !unwritable.test(String.fromCodePoint(code)))
    if (!isLegal) throw new MalformedXmlError('has a reference to no character')
  }
}

// xml2js looks for a field's name in an ordinary object: with this in front, "constructor" is not taken for the one of Object.prototype.
const mark = ':'

// One for all messages: it reads each in one go and resets itself after it, whether that ended well or not.
const parser = new Parser({
  async: false,
  explicitArray: false,
  explicitRoot: false,
  ignoreAttrs: true,
  tagNameProcessors: [(name) => (name in Object.prototype ? mark + name : name)],
})

function valuesOf(root: unknown): Map<string, string> {
  const fields = new Map<string, string>()
  if (!isRecord(root)) return fields // <xml> without fields
  for (const key of Object.keys(root)) {
    const value = root[key]
    const name = key.startsWith(mark) ? key.slice(mark.length) : key
    if (typeof value !== 'string') throw new MalformedXmlError(`${name} stands more than once`) // xml2js made a list of it
    fields.set(name, value)
  }
  return fields
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** xml2js calls back before parseString returns: it is told not to be asynchronous. */
function parse(text: string): unknown {
  const outcome: { failure: Error | null; root: unknown } = { failure: null, root: undefined }
  parser.parseString(text, (failure, root: unknown) => Object.assign(outcome, { failure, root }))
  if (outcome.failure) throw new MalformedXmlError('not XML', { cause: outcome.failure })
  return outcome.root
}

import { Parser } from 'xml2js'

/** The largest message that is read, in bytes. WeChat's are below 4 KiB; bills are not XML. */
export const maxXmlBytes = 65_536

export class MalformedXmlError extends Error {
  override readonly name = 'MalformedXmlError'
}

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
export function readXml(bytes: Uint8Array): Map<string, string> {
  if (bytes.length > maxXmlBytes) throw new MalformedXmlError(`more than ${maxXmlBytes} bytes`)
  const text = decode(bytes)
  return valuesOf(text, passGate(text))
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

const opening = new RegExp(`(?:${declaration})?${space}<xml${space}>${space}`, 'y')
const field = new RegExp(`<(${name})${space}(?:/>|>(${content})</\\1${space}>)${space}`, 'y')
const closing = new RegExp(`</xml${space}>${space}$`, 'y')
const allCdata = new RegExp(cdata, 'g')

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new MalformedXmlError('not UTF-8', { cause })
  }
}

/** @returns the names of the fields */
function passGate(text: string): string[] {
  if (unreadable.test(text)) throw new MalformedXmlError('has a control character')
  opening.lastIndex = 0
  if (!opening.test(text)) throw new MalformedXmlError('does not begin with <xml>')
  const names: string[] = []
  let at = opening.lastIndex
  for (;;) {
    field.lastIndex = at
    const match = field.exec(text)
    if (!match) break
    const [, name = '', value = ''] = match
    if (value.includes('&#')) checkReferences(value, at)
    names.push(name)
    at = field.lastIndex
  }
  closing.lastIndex = at
  if (!closing.test(text)) throw new MalformedXmlError(`not a flat list of fields at character ${at}`)
  return names
}

/** Numeric references may name only characters that XML allows: "&#0;" and "&#xFFFE;" are refused. */
function checkReferences(value: string, at: number): void {
  for (const [, decimal, hex] of value.replace(allCdata, '').matchAll(/&#(?:(\d+)|x([\da-fA-F]+));/g)) {
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    const isLegal = code <= 0x10ffff && (code === 0x0d || !unwritable.test(String.fromCodePoint(code)))
    if (!isLegal) throw new MalformedXmlError(`a reference to no character at ${at}`)
  }
}

/** xml2js keeps fields as properties of an ordinary object: with this in front no field is taken for one of Object.prototype's, or its own "_". */
const mark = ':'

function valuesOf(text: string, names: readonly string[]): Map<string, string> {
  const root = property(parse(text), 'xml')
  const fields = new Map<string, string>()
  for (const name of names) {
    const value = property(root, name)
    if (typeof value !== 'string') throw new MalformedXmlError(`${name} stands more than once`) // xml2js made a list of it
    fields.set(name, value)
  }
  return fields
}

function property(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, mark + name) : undefined
}

function parse(text: string): unknown {
  const parser = new Parser({ async: false, explicitArray: false, ignoreAttrs: true, tagNameProcessors: [(name) => mark + name] })
  let failure: Error | null = null
  let result: unknown
  parser.parseString(text, (error, parsed: unknown) => {
    failure = error
    result = parsed
  })
  if (failure !== null) throw new MalformedXmlError('not XML', { cause: failure })
  return result
}

/** One flat WeChat message: names and values exactly as transmitted, never trimmed, never coerced. */
export type Fields = Map<string, string>

export class XmlError extends Error {
  override readonly name = 'XmlError'
}

const entities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])
const blank = /[ \t\r\n]*/y
const declaration = /<\?xml[ \t\r\n][^?<>]*\?>/y
const openTag = /<([A-Za-z_][\w.-]*)[ \t\r\n]*(\/?)>/y
const closeTag = /<\/([A-Za-z_][\w.-]*)[ \t\r\n]*>/y
/** Characters that XML 1.0 forbids, section 2.2. */
// eslint-disable-next-line no-control-regex -- these control characters are what is looked for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/**
 * Reads `<xml><name>value</name>…</xml>`: text, CDATA, the five entities and character references, nothing else.
 * DOCTYPE, comments, attributes, nesting and repeated names are refused (WeChat's advice after its XXE hole of 2018).
 *
 * @throws {XmlError}
 */
export function readXml(raw: Buffer | string): Fields {
  const text = typeof raw === 'string' ? raw : decode(raw)
  if (forbidden.test(text)) throw new XmlError('forbidden character')
  const scan = scanner(text)
  scan.skip(blank)
  scan.skip(declaration)
  scan.skip(blank)
  const root = scan.expect(openTag, 'root element')
  if (root[1] !== 'xml' || root[2]) throw new XmlError('the root must be <xml>')
  const fields: Fields = new Map()
  for (;;) {
    scan.skip(blank)
    const open = scan.match(openTag)
    if (!open) break
    const name = open[1] ?? ''
    if (fields.has(name)) throw new XmlError(`${name} twice`)
    fields.set(name, open[2] ? '' : readValue(scan, name))
  }
  if (scan.expect(closeTag, '</xml>')[1] !== 'xml') throw new XmlError('the root is not closed')
  scan.skip(blank)
  if (!scan.atEnd()) throw new XmlError('something after </xml>')
  return fields
}

function readValue(scan: Scanner, name: string): string {
  let value = ''
  for (;;) {
    value += unescape(scan.until('<'))
    const section = scan.cdata()
    if (section === undefined) break
    value += section
  }
  if (scan.expect(closeTag, `</${name}>`)[1] !== name) throw new XmlError(`${name} is not closed`)
  return value
}

function unescape(text: string): string {
  if (text.includes(']]>')) throw new XmlError(']]> outside CDATA')
  return text.replace(/&([^;&]*)(;?)/g, (_, name: string, end: string) => {
    const character = end ? (entities.get(name) ?? reference(name)) : undefined
    if (character === undefined) throw new XmlError('unknown entity')
    return character
  })
}

function reference(name: string): string | undefined {
  const parts = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/.exec(name)
  if (!parts) return undefined
  const code = parts[1] === undefined ? Number.parseInt(parts[2] ?? '', 16) : Number(parts[1])
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  const character = String.fromCodePoint(code)
  return forbidden.test(character) ? undefined : character
}

function decode(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
  } catch (cause) {
    throw new XmlError('not UTF-8', { cause })
  }
}

type Scanner = ReturnType<typeof scanner>

/** A cursor over the text; the expressions are sticky, so each looks at the cursor only. */
function scanner(text: string) {
  let at = 0
  function match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = at
    const found = expression.exec(text)
    if (found) at = expression.lastIndex
    return found
  }
  return {
    match,
    skip: (expression: RegExp): void => void match(expression),
    expect(expression: RegExp, what: string): RegExpExecArray {
      const found = match(expression)
      if (!found) throw new XmlError(`${what} expected at ${at}`)
      return found
    },
    until(stop: string): string {
      const end = text.indexOf(stop, at)
      if (end < 0) throw new XmlError('cut off')
      const part = text.slice(at, end)
      at = end
      return part
    },
    cdata(): string | undefined {
      if (!text.startsWith('<![CDATA[', at)) return undefined
      const end = text.indexOf(']]>', at)
      if (end < 0) throw new XmlError('CDATA is not closed')
      const section = text.slice(at + 9, end)
      at = end + 3
      return section
    },
    atEnd: () => at === text.length,
  }
}

/** Numbers go bare where `bare` says so, as WeChat writes them; all else in CDATA, `]]>` split over two sections. */
export function writeXml(fields: Fields, bare: (name: string) => boolean): string {
  const lines = [...fields].map(([name, value]) => {
    if (bare(name) && /^\d+$/.test(value)) return `<${name}>${value}</${name}>`
    return `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`
  })
  return `<xml>${lines.join('\n')}</xml>`
}

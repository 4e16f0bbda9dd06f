import { describe, expect, it } from 'vitest'
import { fixture, merchant } from '../../testing/fixtures.ts'
import { createSigner } from './sign.ts'
import { MalformedXmlError, maxXmlBytes, readXml, writeXml } from './xml.ts'

const read = (xml: string) => readXml(Buffer.from(xml, 'utf8'))
const value = (inside: string) => read(`<xml><a>${inside}</a></xml>`).get('a')

describe('the XML gate', () => {
  it('reads text and CDATA alike, and every field in the order it came', () => {
    expect([...read('<xml><total_fee>1</total_fee>\n<cash_fee><![CDATA[1]]></cash_fee></xml>')]).toEqual([
      ['total_fee', '1'],
      ['cash_fee', '1'],
    ])
  })

  it('reads the fixtures of real shape', () => {
    expect(readXml(fixture('notice-coupon.md5.xml')).get('attach')).toBe('branch=7&till=<2>')
    expect(readXml(fixture('unifiedorder-request-native.md5.xml')).get('body')).toBe('青禾书店-《海图》')
    expect(readXml(fixture('orderquery-answer-notpay.md5.xml')).get('device_info')).toBe('')
  })

  it.each([
    ['outer spaces', ' a ', ' a '],
    ['outer spaces in CDATA', '<![CDATA[ a ]]>', ' a '],
    ['nothing but spaces', '  ', '  '],
    ['nothing but spaces in CDATA', '<![CDATA[ ]]>', ' '],
    ['an empty CDATA', '<![CDATA[]]>', ''],
    ['line ends of any kind', 'a\r\nb\rc\n', 'a\r\nb\rc\n'],
    ['numbers with leading zeros', '00123', '00123'],
    ['what looks like another type', '1e5', '1e5'],
    ['null', 'null', 'null'],
    ['the five entities', '&lt;&gt;&amp;&quot;&apos;', `<>&"'`],
    ['an entity once only', '&amp;lt;', '&lt;'],
    ['numeric references', '&#20013;&#x4e2D;&#x1F600;&#13;', '中中😀\r'],
    ['what looks like a reference in CDATA', '<![CDATA[&#0;&amp;&x;<b>]]>', '&#0;&amp;&x;<b>'],
    ['brackets', 'a]b]]c', 'a]b]]c'],
    ['brackets in CDATA', '<![CDATA[]]]]]]>', ']]]]'],
    ['a split "]]>"', '<![CDATA[a]]]]><![CDATA[>b]]>', 'a]]>b'],
    ['text beside CDATA', 'a <![CDATA[<b>]]> c', 'a <b> c'],
    ['a lone > and quotes', `>"'`, `>"'`],
    ['no-break and ideographic spaces', '\u00a0\u3000', '\u00a0\u3000'],
  ])('leaves %s as they are', (_, inside, expected) => {
    expect(value(inside)).toBe(expected)
  })

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'cdata', 'xml', 'sign', 'a-b.c_1'])(
    'reads a field named %s like any other',
    (name) => {
      expect([...read(`<xml><${name}><![CDATA[1]]></${name}><b>2</b></xml>`)]).toEqual([
        [name, '1'],
        ['b', '2'],
      ])
    },
  )

  it.each([
    ['white space in and around tags', '\n <xml >\t<a >1</a\n>\r\n</xml > \n'],
    ['a declaration', '<?xml version="1.0" encoding="UTF-8"?>\n<xml><a>1</a></xml>'],
    ['a declaration with everything', `<?xml version='1.0' encoding='utf-8' standalone='yes' ?><xml><a>1</a></xml>`],
    ['a byte order mark', '\ufeff<xml><a>1</a></xml>'],
    ['an empty-element tag', '<xml><a>1</a><b/></xml>'],
  ])('takes %s', (_, xml) => {
    expect(read(xml).get('a')).toBe('1')
  })

  it.each([
    ['nothing', ''],
    ['white space', '  '],
    ['no XML', 'success'],
    ['HTML', '<!DOCTYPE html><html><body>502</body></html>'],
    ['JSON', '{"return_code":"SUCCESS"}'],
    ['another root', '<root><a>1</a></root>'],
    ['a root in capitals', '<XML><a>1</a></XML>'],
    ['a root that only begins like it', '<xmlx><a>1</a></xmlx>'],
    ['a DOCTYPE', '<!DOCTYPE xml><xml><a>1</a></xml>'],
    ['an external entity', '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><a>&x;</a></xml>'],
    ['a DOCTYPE after the declaration', '<?xml version="1.0"?><!DOCTYPE xml><xml><a>1</a></xml>'],
    ['an unknown entity', '<xml><a>&nbsp;</a></xml>'],
    ['an entity in capitals', '<xml><a>&LT;</a></xml>'],
    ['a lone ampersand', '<xml><a>a&b</a></xml>'],
    ['a reference past Unicode', '<xml><a>&#x110000;</a></xml>'],
    ['a control character', '<xml><a>\u0001</a></xml>'],
    ['a control character in CDATA', '<xml><a><![CDATA[\u0000]]></a></xml>'],
    ['U+FFFF', '<xml><a>\uffff</a></xml>'],
    ['a comment', '<xml><!-- --><a>1</a></xml>'],
    ['a comment inside a value', '<xml><a>1<!-- -->2</a></xml>'],
    ['a comment before the root', '<!-- --><xml><a>1</a></xml>'],
    ['a processing instruction', '<xml><?php ?><a>1</a></xml>'],
    ['a stylesheet', '<?xml-stylesheet href="x"?><xml><a>1</a></xml>'],
    ['a declaration that is not first', '<xml><?xml version="1.0"?><a>1</a></xml>'],
    ['a declaration after white space', ' <?xml version="1.0"?><xml><a>1</a></xml>'],
    ['a declaration of another encoding', '<?xml version="1.0" encoding="GBK"?><xml><a>1</a></xml>'],
    ['an attribute', '<xml><a b="c">1</a></xml>'],
    ['an attribute of the root', '<xml a="b"><a>1</a></xml>'],
    ['a namespace', '<xml xmlns="urn:x"><a>1</a></xml>'],
    ['a prefix', '<xml><x:a>1</x:a></xml>'],
    ['nesting', '<xml><a><b>1</b></a></xml>'],
    ['an empty element inside a value', '<xml><a>1<b/></a></xml>'],
    ['a name twice', '<xml><total_fee>1</total_fee><total_fee>2</total_fee></xml>'],
    ['a name twice, once empty', '<xml><a></a><a>2</a></xml>'],
    ['a name twice, with the same value', '<xml><a>2</a><b>1</b><a>2</a></xml>'],
    ['constructor twice', '<xml><constructor>1</constructor><constructor>1</constructor></xml>'],
    ['__proto__', '<xml><__proto__>1</__proto__></xml>'],
    ['a name that is not ASCII', '<xml><金额>1</金额></xml>'],
    ['a very long name', `<xml><${'a'.repeat(65)}>1</${'a'.repeat(65)}></xml>`],
    ['text between fields', '<xml>x<a>1</a></xml>'],
    ['text after the last field', '<xml><a>1</a>x</xml>'],
    ['CDATA between fields', '<xml><![CDATA[x]]><a>1</a></xml>'],
    ['a no-break space between fields', '<xml><a>1</a>\u00a0</xml>'],
    ['a second byte order mark', '\ufeff\ufeff<xml><a>1</a></xml>'],
    ['text before the root', 'x<xml><a>1</a></xml>'],
    ['text after the root', '<xml><a>1</a></xml>x'],
    ['a second root', '<xml><a>1</a></xml><xml><a>2</a></xml>'],
    ['an end that is missing', '<xml><a>1</a>'],
    ['a cut tag', '<xml><a>1</a></xm'],
    ['a CDATA without end', '<xml><a><![CDATA[1</a></xml>'],
    ['"]]>" in text', '<xml><a>]]></a></xml>'],
    ['crossed tags', '<xml><a>1</b></xml>'],
    ['tags of other case', '<xml><a>1</A></xml>'],
    ['a space before the name', '<xml>< a>1</a></xml>'],
  ])('refuses %s', (_, xml) => {
    expect(() => read(xml)).toThrow(MalformedXmlError)
  })

  // sax refuses these too: the message proves that the gate did not leave it to sax.
  it.each([
    ['no character', '<xml><a>&#0;</a></xml>'],
    ['half a character', '<xml><a>&#xD800;</a></xml>'],
    ['U+FFFE', '<xml><a>&#xFFFE;</a></xml>'],
    ['a control character', '<xml><a>&#1;</a></xml>'],
  ])('refuses a reference to %s by itself', (_, xml) => {
    expect(() => read(xml)).toThrow(/^has a reference to no character$/)
  })

  it.each([
    ['a lone byte', [0xff]],
    ['a cut character', [0xe4, 0xb8]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
    ['an overlong form of "<"', [0xc0, 0xbc]],
    ['GBK', [0xd6, 0xd0]],
  ])('refuses bytes that are not UTF-8: %s', (_, bytes) => {
    expect(() => readXml(Buffer.concat([Buffer.from('<xml><a>'), Buffer.from(bytes), Buffer.from('</a></xml>')]))).toThrow('not UTF-8')
  })

  it('refuses one byte more than the limit, and takes the limit', () => {
    const filled = (length: number) => Buffer.from(`<xml><a>${'x'.repeat(length - 18)}</a></xml>`)
    expect(readXml(filled(maxXmlBytes)).get('a')).toHaveLength(maxXmlBytes - 18)
    expect(() => readXml(filled(maxXmlBytes + 1))).toThrow(`more than ${maxXmlBytes} bytes`)
  })

  it.each([
    ['brackets in CDATA', `<xml><a><![CDATA[${']'.repeat(60_000)}</a></xml>`],
    ['open tags', `<xml>${'<a>'.repeat(20_000)}`],
    ['references', `<xml><a>${'&amp;'.repeat(12_000)}&</a></xml>`],
    ['white space', `<xml>${' '.repeat(60_000)}x</xml>`],
    ['CDATA starts', `<xml><a>${'<![CDATA['.repeat(7_000)}</a></xml>`],
    ['CDATA starts after a reference', `<xml><a>&#65;${'<![CDATA['.repeat(7_000)}</a></xml>`],
    ['CDATA sections', `<xml><a>${'<![CDATA[]]>'.repeat(5_000)}<</a></xml>`],
  ])('reads each byte a bounded number of times also of hostile input: %s', (_, xml) => {
    // A gate that tried every way to read this would not end before the test's time limit.
    expect(() => read(xml)).toThrow(MalformedXmlError)
  })

  it('tells no value in what it throws', () => {
    expect(() => read('<xml><a>secret</a><a>secret</a></xml>')).toThrow(/^a stands more than once$/)
    expect(() => read('<xml><a>secret&</a></xml>')).toThrow(/^not a flat list of fields at character 5$/)
  })
})

describe('written XML', () => {
  it('is what WeChat shows on its pages', () => {
    expect(
      writeXml([
        ['return_code', 'SUCCESS'],
        ['return_msg', 'OK'],
      ]),
    ).toBe(fixture('notice-reply.unsigned.xml').toString('utf8'))
  })

  it.each([
    ['a control character', '\u0001'],
    ['NUL', 'a\u0000'],
    ['half a character', '\ud83d'],
    ['U+FFFE', '\ufffe'],
    ['a carriage return, which a reader may change', 'a\r\nb'],
  ])('refuses %s and does not say the value', (_, text) => {
    expect(() => writeXml([['attach', text]])).toThrow(/^attach has a character that XML cannot carry unchanged$/)
  })

  it.each(['', '1a', 'a b', 'a>', '__proto__', '金额'])('refuses "%s" as the name of a field', (name) => {
    expect(() => writeXml([[name, '1']])).toThrow(RangeError)
  })

  it('comes back field by field, and its signature with it, for random text', () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = mulberry32(seed)
    const signers = [createSigner(merchant.key, 'MD5'), createSigner(merchant.key, 'HMAC-SHA256')]
    for (let round = 0; round < 300; round += 1) {
      const fields = new Map(Array.from({ length: 1 + pick(random, 20) }, () => [randomName(random), randomText(random)] as const))
      const back = read(writeXml(fields))
      expect([...back], `seed ${seed}, round ${round}`).toEqual([...fields])
      for (const signer of signers)
        expect(signer.verify(new Map(back).set('sign', signer.sign(fields))), `seed ${seed}, round ${round}`).toBe(true)
    }
  })
})

/** A small seeded generator, so that a failure can be run again from the seed it prints. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = (random: () => number, below: number) => Math.floor(random() * below)

function randomName(random: () => number): string {
  return `f${pick(random, 1_000_000)}`
}

const delicate = [
  ']]>',
  ']]',
  '<![CDATA[',
  '&amp;',
  '&#0;',
  '&',
  '<',
  '>',
  ' ',
  '\n',
  '\t',
  '"',
  '=',
  '\u00a0',
  '\ufeff',
  '\u2028',
  '-->',
  '<?',
]

/** Mixes what XML treats specially with characters of one to four bytes. */
function randomText(random: () => number): string {
  return Array.from({ length: pick(random, 24) }, () => {
    const special = delicate[pick(random, delicate.length * 3)]
    return special ?? String.fromCodePoint(legalCodePoint(random))
  }).join('')
}

function legalCodePoint(random: () => number): number {
  const limit = [0x7f, 0x7ff, 0xffff, 0x10ffff][pick(random, 4)] ?? 0x7f
  const code = 0x20 + pick(random, limit - 0x20)
  return (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff ? 0x4e2d : code
}

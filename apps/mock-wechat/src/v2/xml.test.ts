import { describe, expect, it } from 'vitest'
import { readXml, writeXml, XmlError } from './xml.ts'

describe('reading a message', () => {
  it('leaves every value as it was sent: spaces, leading zeros, numbers too long for a number', () => {
    const fields = readXml('<xml><a> x </a><b><![CDATA[ 00123 ]]></b><c>4200009042202603017754120386</c><d/><e></e></xml>')
    expect(Object.fromEntries(fields)).toEqual({ a: ' x ', b: ' 00123 ', c: '4200009042202603017754120386', d: '', e: '' })
  })

  it('understands the five entities, character references and split CDATA', () => {
    const fields = readXml(
      '<?xml version="1.0"?>\n<xml>\n<a>&lt;&amp;&gt;&quot;&apos;&#20803;&#x5143;</a><b><![CDATA[]]]]><![CDATA[>]]></b></xml >\n',
    )
    expect(Object.fromEntries(fields)).toEqual({ a: `<&>"'元元`, b: ']]>' })
  })

  it.each([
    ['a DOCTYPE', '<!DOCTYPE xml><xml><a>1</a></xml>'],
    ['an external entity', '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><a>&x;</a></xml>'],
    ['an unknown entity', '<xml><a>&nbsp;</a></xml>'],
    ['a bare ampersand', '<xml><a>a&b</a></xml>'],
    ['an attribute', '<xml><a b="c">1</a></xml>'],
    ['nesting', '<xml><a><b>1</b></a></xml>'],
    ['a name twice', '<xml><a>1</a><a>2</a></xml>'],
    ['another root', '<html><a>1</a></html>'],
    ['a comment', '<xml><!-- x --><a>1</a></xml>'],
    ['an instruction inside', '<xml><?php x ?><a>1</a></xml>'],
    ['text between the fields', '<xml>\\n<a>1</a></xml>'],
    ['something after the root', '<xml><a>1</a></xml>x'],
    ['a second root', '<xml><a>1</a></xml><xml/>'],
    ['a tag that does not fit', '<xml><a>1</b></xml>'],
    ['half a message', '<xml><a>1</a><b><![CDATA[x'],
    ['a control character', '<xml><a>\u0000</a></xml>'],
    ['a control character by reference', '<xml><a>&#0;</a></xml>'],
    ['a byte order mark', '\ufeff<xml><a>1</a></xml>'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => readXml(Buffer.from(text))).toThrow(XmlError)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => readXml(Buffer.from([...Buffer.from('<xml><a>'), 0xff, ...Buffer.from('</a></xml>')]))).toThrow('not UTF-8')
  })

  it('keeps __proto__ an ordinary name', () => {
    expect(readXml('<xml><__proto__>1</__proto__></xml>').get('__proto__')).toBe('1')
  })
})

describe('writing a message', () => {
  it('survives any value on the way back', () => {
    const fields = new Map([
      ['nasty', ']]>&<a>"\' ]]>'],
      ['total_fee', '4580'],
      ['not_a_number', '45.80'],
    ])
    const xml = writeXml(fields, (name) => name !== 'nasty')
    expect(xml).toContain('<total_fee>4580</total_fee>')
    expect(readXml(xml)).toEqual(fields)
  })
})

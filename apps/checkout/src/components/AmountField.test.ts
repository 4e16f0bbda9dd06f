import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { widestLimits, type AmountProblem } from '../checkout/amount.ts'
import { chooseLocale } from '../i18n.ts'
import AmountField from './AmountField.vue'

beforeEach(() => chooseLocale('zh-CN'))

function field(props: { modelValue?: string; problem?: AmountProblem | null; keypadShown?: boolean } = {}) {
  const wrapper = mount(AmountField, {
    props: {
      modelValue: '',
      problem: null,
      keypadShown: false,
      limits: { ...widestLimits, maxAmountFen: 5_000_000 },
      ...props,
      'onUpdate:modelValue': (modelValue: string) => wrapper.setProps({ modelValue }),
    },
  })
  const input = wrapper.get('input')
  return { wrapper, input }
}

describe('the amount field', () => {
  it('is a text for decimals that no browser fills in', () => {
    expect(field().input.attributes()).toMatchObject({ type: 'text', inputmode: 'decimal', autocomplete: 'off' })
  })

  it("leaves the device's keyboard away while our keypad is on the screen", () => {
    expect(field({ keypadShown: true }).input.attributes('inputmode')).toBe('none')
  })

  it('maps full-width digits while they are typed', async () => {
    const { wrapper, input } = field()
    await input.setValue('１２。５')
    expect(wrapper.props('modelValue')).toBe('12.5')
    expect(input.element.value).toBe('12.5')
  })

  it('shows two decimals when it is left', async () => {
    const { wrapper, input } = field({ modelValue: '12.5' })
    await input.trigger('blur')
    expect(wrapper.props('modelValue')).toBe('12.50')
  })

  it('leaves alone what is not an amount', async () => {
    const { wrapper, input } = field({ modelValue: '12.345' })
    await input.trigger('blur')
    expect(wrapper.props('modelValue')).toBe('12.345')
  })

  it.each<[AmountProblem, string]>([
    ['too-many-decimals', '最多两位小数，精确到分'],
    ['above-max', '单笔最高 50000.00 元'],
    ['below-min', '最低 0.01 元'],
    ['not-a-number', '请输入数字金额，例如 12.50'],
  ])('says what is wrong: %s', async (problem, words) => {
    const { wrapper, input } = field({ problem })
    await nextTick()
    expect(wrapper.get('#amount-hint').text()).toBe(words)
    expect(input.attributes()).toMatchObject({ 'aria-invalid': 'true', 'aria-describedby': 'amount-hint' })
  })
})

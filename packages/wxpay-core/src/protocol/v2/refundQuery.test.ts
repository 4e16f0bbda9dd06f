import { describe, expect, it } from 'vitest'
import { callBench, miniProgramId } from '../../testing/callV2.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { fixture } from '../../testing/fixtures.ts'
import { answerParts, signedMessage, type Parts } from '../../testing/message.ts'
import { WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import { queryRefund } from './refundQuery.ts'

const asked = { outRefundNo: 'QHR20260302000003', refundId: '50300806422026030219046771253' }
const example = fixture('refundquery-answer.md5.xml')

const parts: Parts = {
  ...answerParts,
  transaction_id: '4200009042202603017754120386',
  out_trade_no: 'QH20260301000017',
  total_fee: '4580',
  refund_count: '1',
  out_refund_no_0: asked.outRefundNo,
  refund_id_0: asked.refundId,
  refund_fee_0: '1580',
  refund_status_0: 'PROCESSING',
}

const queried = async (change: Parts = {}, by: { outRefundNo: string; refundId?: string } = asked) =>
  queryRefund(callBench(signedMessage({ ...parts, ...change })).call, by)

describe('the query of a refund over v2', () => {
  it('reads the record of the refund, in WeChat’s own spelling', async () => {
    expect(await queryRefund(callBench(example).call, asked)).toEqual({
      state: 'found',
      refund: {
        outTradeNo: 'QH20260301000017',
        transactionId: '4200009042202603017754120386',
        ...asked,
        totalFen: 4580,
        refundFen: 1580,
        state: 'success',
        succeededAt: new Date('2026-03-02T14:05:33+08:00'),
        payerRefundFen: null,
        receivedAccount: '支付用户零钱',
      },
      raw: example.toString('utf8'),
    })
  })

  it('reads the record that was asked for, whichever it is, and leaves the coupons out of what the payer gets', async () => {
    expect(await queryRefund(callBench(example).call, { outRefundNo: 'QHR20260303000001' })).toMatchObject({
      refund: { outRefundNo: 'QHR20260303000001', refundFen: 3000, payerRefundFen: 2500, state: 'processing', succeededAt: null },
    })
  })

  it('asks by WeChat’s number where there is one, by ours else, under the payment’s appid', async () => {
    const bench = callBench(signedMessage({ ...parts, appid: miniProgramId }))
    await queryRefund(bench.call, { ...asked, appId: miniProgramId })
    await queryRefund(bench.call, { outRefundNo: asked.outRefundNo, appId: miniProgramId })
    expect(bench.sent.map(({ path }) => path)).toEqual(['/pay/refundquery', '/pay/refundquery'])
    expect(bench.sent[0]?.fields).toMatchObject({ appid: miniProgramId, refund_id: asked.refundId })
    expect(bench.sent[0]?.fields).not.toHaveProperty('out_refund_no')
    expect(bench.sent[1]?.fields).toMatchObject({ appid: miniProgramId, out_refund_no: asked.outRefundNo })
    expect(bench.sent[1]?.fields).not.toHaveProperty('refund_id')
  })

  it.each([
    ['PROCESSING', 'processing'],
    ['SUCCESS', 'success'],
    ['REFUNDCLOSE', 'closed'],
    ['CHANGE', 'abnormal'],
  ])('reads %s as %s', async (status, state) => {
    expect(await queried({ refund_status_0: status })).toMatchObject({ refund: { state, succeededAt: null } })
  })

  it('finds nothing when WeChat knows no such refund', async () => {
    const answer = await queried({ result_code: 'FAIL', err_code: 'REFUNDNOTEXIST', err_code_des: 'not exist' })
    expect(answer).toMatchObject({ state: 'not-found' })
  })

  it('is refused with what it was asked wrongly by', async () => {
    const error = await errorOf(queried({ result_code: 'FAIL', err_code: 'INVALID_TRANSACTIONID' }))
    expect(error).toBeInstanceOf(WechatRefusedError)
  })

  it.each<[string, Parts]>([
    ['about another refund', { out_refund_no_0: 'QHR20260302000009' }],
    ['about another refund of WeChat’s', { refund_id_0: '50300806422026030219046771254' }],
    ['about none', { out_refund_no_0: undefined }],
    ['with the state of another record', { refund_status_0: undefined, refund_status_1: 'SUCCESS' }],
    ['with a state that is not final anywhere', { refund_status_0: 'FAIL' }],
    ['with a time in another form', { refund_status_0: 'SUCCESS', refund_success_time_0: '20260302140533' }],
    ['with a day that is not in the calendar', { refund_status_0: 'SUCCESS', refund_success_time_0: '2026-02-30 14:05:33' }],
    ['without an amount', { refund_fee_0: undefined }],
    ['with more coupons than money', { coupon_refund_fee_0: '1581' }],
    ['without the payment', { transaction_id: undefined }],
  ])('R4 is unknown after a signed answer %s', async (_case, change) => {
    expect(await errorOf(queried(change))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

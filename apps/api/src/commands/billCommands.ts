/** What an operator may do about WeChat's bills. What became of it is read back through OperatorReads. */
export interface BillCommands {
  /**
   * Has both bills of a day fetched, anew where one was set aside. They come by a task.
   *
   * @param input.billDate - a Beijing day, yyyy-MM-dd
   * @throws BillDayNotOverError, BillTooOldError
   */
  requestBill(input: { billDate: string }): Promise<unknown>
  /**
   * Notes why a difference is settled. No money moves.
   *
   * @throws DiscrepancyNotFoundError, DiscrepancyResolvedError
   */
  resolveDiscrepancy(input: { id: string; reason: string }): Promise<unknown>
}

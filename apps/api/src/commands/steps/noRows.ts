/** The rows of a bill that is empty: WeChat has no file of that day. */
export async function* noRows(): AsyncGenerator<never> {
  yield* []
}

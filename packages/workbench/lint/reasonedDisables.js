/**
 * Refuses an eslint-disable or oxlint-disable that names no rule or gives no reason: `eslint-disable-next-line rule -- why it is right here`.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const reasonedDisables = {
  meta: { type: 'problem', schema: [], messages: { bare: 'Name the rule and give the reason: eslint-disable-next-line rule -- reason' } },
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const text = comment.value.trim()
          if (!/^(es|ox)lint-disable/.test(text)) continue
          if (!/^(es|ox)lint-disable(-next-line|-line)?\s+[^\s-].*\s--\s+\S/s.test(text) && comment.loc)
            context.report({ loc: comment.loc, messageId: 'bare' })
        }
      },
    }
  },
}

import { expect, type Locator, type Page } from '@playwright/test'
import { readQr } from './qr.ts'
import { operatorToken, type Amount } from './shop.ts'

export interface Product {
  id: string
  name: string
  yuan: string
}

/** The operator's page that prints codes for products. */
export class CodesPage {
  readonly main: Locator
  readonly printed: Locator
  private readonly page: Page

  constructor(page: Page) {
    this.page = page
    this.main = page.locator('main')
    this.printed = page.getByTestId('label-code')
  }

  /** Comes in with the operator's token. */
  async unlock(token: string): Promise<void> {
    await this.page.goto('/console/codes')
    await this.page.getByRole('textbox', { name: '操作员口令' }).fill(token)
    await this.page.getByRole('button', { name: '进入' }).click()
    await expect(this.main).toHaveAttribute('data-state', /^(empty|ready)$/)
  }

  async add({ id, name, yuan }: Product): Promise<void> {
    await this.page.getByRole('button', { name: '添加商品' }).click()
    await this.page.getByRole('textbox', { name: '名称' }).fill(name)
    await this.page.getByRole('textbox', { name: '价格' }).fill(yuan)
    await this.page.getByRole('textbox', { name: '编号' }).fill(id)
    await this.page.getByRole('button', { name: '保存' }).click()
    await expect(this.line(id)).toContainText(name)
  }

  async setPrice({ id, name }: Product, yuan: string): Promise<void> {
    await this.page.getByRole('button', { name: `修改 ${name}` }).click()
    await this.page.getByRole('textbox', { name: '价格' }).fill(yuan)
    await this.page.getByRole('button', { name: '保存' }).click()
    await expect(this.line(id)).toContainText(yuan)
  }

  async switchOff({ id, name }: Product): Promise<void> {
    await this.page.getByRole('button', { name: `停用 ${name}` }).click()
    await expect(this.line(id)).toContainText('已停用')
  }

  /** One label, as it leaves the printer. @returns the code on it */
  async print({ name, yuan }: Product): Promise<Locator> {
    await this.page.getByRole('spinbutton', { name: `${name} 的张数` }).fill('1')
    await this.page.keyboard.press('Tab')
    await expect(this.page.getByRole('button', { name: '打印标签' })).toBeEnabled()
    const code = this.page.getByRole('img', { name: `${name} 的微信付款码，${yuan} 元` })
    await this.page.emulateMedia({ media: 'print' })
    await expect(code).toBeVisible()
    return code
  }

  private line(id: string): Locator {
    return this.page.locator(`[data-product="${id}"]`)
  }
}

/** One of its own for each test, so that a test's trades are told from all others. */
export function productOf({ fen, yuan }: Amount): Product {
  return { id: `mug-${fen}`, name: `马克杯 ${fen}`, yuan }
}

/** The operator prints a label, and the phone photographs it. @returns the page, and what the pixels say */
export async function printedCodeOf(page: Page, product: Product): Promise<{ codes: CodesPage; text: string }> {
  const codes = new CodesPage(page)
  await codes.unlock(operatorToken)
  await codes.add(product)
  const text = await readQr(await codes.print(product))
  if (text === null) throw new Error('no phone can read the printed code')
  await page.emulateMedia({ media: 'screen' })
  return { codes, text }
}

/** A team's page: files of progress in, a table and what is misunderstood out. */
import { expect, test } from './page';

const mark = { solved: false, tries: 0, right: 0, hints: 0, solutions: 0, last: 0 };
const file = (name: string, solved: object) => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify({ drydock: 1, solved, read: { unionfs: ['union'] }, session: {} })),
});

test('files of progress become a table, and what several got wrong is said', async ({ page }) => {
  await page.goto('/learn/unionfs');
  const ids = await page.locator('[id^=question-]').evaluateAll((all) => all.map((e) => e.id.replace('question-', '')));
  const wrong = { [ids[0] as string]: { ...mark, tries: 1 } };
  await page.goto('/team');
  await page
    .getByLabel('add files of progress')
    .setInputFiles([
      file('ada.json', { unionfs: wrong }),
      file('<b>bo</b>.json', { unionfs: wrong }),
      { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('dear team') },
    ]);
  await expect(page.getByText('2 files read. letter.txt: This is not a file of progress')).toBeVisible();
  await expect(page.getByRole('textbox')).toHaveCount(2);
  await expect(page.getByText('wrong at first with 2 of 2, still open with ada, <b>bo</b>')).toBeVisible();
  await page.getByRole('combobox').selectOption({ label: '4 Layers' });
  await expect(page.getByRole('row', { name: /ada/ })).toContainText('–');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  expect((await saved).suggestedFilename()).toBe('drydock-team.csv');
  await page.getByRole('button', { name: 'Leave out ada' }).click();
  await expect(page.getByRole('textbox')).toHaveCount(1);
});

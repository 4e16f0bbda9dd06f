/** A merchant that does not exist, with throw-away keys. */
export const merchant = {
  appId: 'wx8f3a1c5e7b9d2046',
  mchId: '1900000109',
  v2Key: 'b3NcH9mQ2vX7kLpR4tYw8ZsD6fGj1aUe',
  v3Key: 'Qw7ErT5yUi9OpA1sDf3GhJ6kLz8XcV2b',
}

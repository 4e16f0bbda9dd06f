// All there is to know belongs to the one page; a mini program has to have an App nevertheless.
App({})

#include "server/room/bot_names.h"

static const char *const names[] = {
    "Acorn",   "Basil",  "Biscuit",  "Bramble", "Button",   "Clover",  "Cobble",  "Comet",
    "Cricket", "Dapple", "Dumpling", "Ember",   "Fennel",   "Figgy",   "Ginger",  "Hazel",
    "Juniper", "Kettle", "Lark",     "Maple",   "Marzipan", "Mitten",  "Muffin",  "Nettle",
    "Nutmeg",  "Olive",  "Pebble",   "Pepper",  "Pickle",   "Plum",    "Poppy",   "Pumpkin",
    "Quill",   "Rowan",  "Saffron",  "Sorrel",  "Sprout",   "Thimble", "Truffle", "Willow",
};
_Static_assert(sizeof names / sizeof names[0] == BOT_NAMES_COUNT, "as the header says");

const char *bot_name(uint32_t number)
{
    return names[number % BOT_NAMES_COUNT];
}

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/game.h"

/* The build lists the folders of shared/games here, one GAME(name) a line. */
#define GAME(name) extern const struct game game_##name;
#include "games.def"
#undef GAME

#define GAME(name) &game_##name,
static const struct game *const games[] = {
#include "games.def"
};
#undef GAME

size_t games_count(void)
{
    return sizeof games / sizeof games[0];
}

const struct game *games_get(size_t index)
{
    ASSERT(index < games_count());
    return games[index];
}

const struct game *games_find(const char *name)
{
    for (size_t i = 0; i < games_count(); i++) {
        if (text_equal(games[i]->name, name)) return games[i];
    }
    return NULL;
}

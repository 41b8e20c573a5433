#include "shared/fixed.h"

#define QUARTER            256
#define FIXED_FINE_QUARTER (FIXED_FINE_TURN / 4)
#define FINE_STEPS         64 /* between two of the table */

_Static_assert(QUARTER *FINE_STEPS == FIXED_FINE_QUARTER, "a quarter is a quarter");
_Static_assert(FIXED_ONE *FINE_STEPS == FIXED_FINE_ONE, "one is one");

/* round(FIXED_ONE * sin(i * 90 degrees / QUARTER)), and one more that is multiplied by 0. */
static const int16_t quarter_sine[QUARTER + 2] = {
    0,     101,   201,   302,   402,   503,   603,   704,   804,   904,   1005,  1105,  1205,
    1306,  1406,  1506,  1606,  1706,  1806,  1906,  2006,  2105,  2205,  2305,  2404,  2503,
    2603,  2702,  2801,  2900,  2999,  3098,  3196,  3295,  3393,  3492,  3590,  3688,  3786,
    3883,  3981,  4078,  4176,  4273,  4370,  4467,  4563,  4660,  4756,  4852,  4948,  5044,
    5139,  5235,  5330,  5425,  5520,  5614,  5708,  5803,  5897,  5990,  6084,  6177,  6270,
    6363,  6455,  6547,  6639,  6731,  6823,  6914,  7005,  7096,  7186,  7276,  7366,  7456,
    7545,  7635,  7723,  7812,  7900,  7988,  8076,  8163,  8250,  8337,  8423,  8509,  8595,
    8680,  8765,  8850,  8935,  9019,  9102,  9186,  9269,  9352,  9434,  9516,  9598,  9679,
    9760,  9841,  9921,  10001, 10080, 10159, 10238, 10316, 10394, 10471, 10549, 10625, 10702,
    10778, 10853, 10928, 11003, 11077, 11151, 11224, 11297, 11370, 11442, 11514, 11585, 11656,
    11727, 11797, 11866, 11935, 12004, 12072, 12140, 12207, 12274, 12340, 12406, 12472, 12537,
    12601, 12665, 12729, 12792, 12854, 12916, 12978, 13039, 13100, 13160, 13219, 13279, 13337,
    13395, 13453, 13510, 13567, 13623, 13678, 13733, 13788, 13842, 13896, 13949, 14001, 14053,
    14104, 14155, 14206, 14256, 14305, 14354, 14402, 14449, 14497, 14543, 14589, 14635, 14680,
    14724, 14768, 14811, 14854, 14896, 14937, 14978, 15019, 15059, 15098, 15137, 15175, 15213,
    15250, 15286, 15322, 15357, 15392, 15426, 15460, 15493, 15525, 15557, 15588, 15619, 15649,
    15679, 15707, 15736, 15763, 15791, 15817, 15843, 15868, 15893, 15917, 15941, 15964, 15986,
    16008, 16029, 16049, 16069, 16088, 16107, 16125, 16143, 16160, 16176, 16192, 16207, 16221,
    16235, 16248, 16261, 16273, 16284, 16295, 16305, 16315, 16324, 16332, 16340, 16347, 16353,
    16359, 16364, 16369, 16373, 16376, 16379, 16381, 16383, 16384, 16384, 16384,
};

int32_t fixed_sin(int32_t angle)
{
    uint32_t step = (uint32_t)angle % FIXED_TURN;
    uint32_t within = step % QUARTER;
    switch (step / QUARTER) {
    case 0:
        return quarter_sine[within];
    case 1:
        return quarter_sine[QUARTER - within];
    case 2:
        return -quarter_sine[within];
    default:
        return -quarter_sine[QUARTER - within];
    }
}

int32_t fixed_cos(int32_t angle)
{
    return fixed_sin((int32_t)((uint32_t)angle % FIXED_TURN) + QUARTER);
}

static int32_t scale(int32_t length, int32_t factor)
{
    int64_t product = (int64_t)length * factor;
    int64_t half = FIXED_ONE / 2;
    return (int32_t)(product >= 0 ? (product + half) / FIXED_ONE : -((half - product) / FIXED_ONE));
}

int32_t fixed_along_x(int32_t angle, int32_t length)
{
    return scale(length, fixed_cos(angle));
}

int32_t fixed_along_y(int32_t angle, int32_t length)
{
    return scale(length, fixed_sin(angle));
}

int32_t fixed_fine_sin(uint32_t angle)
{
    uint32_t within = angle % FIXED_FINE_QUARTER;
    if (angle & FIXED_FINE_QUARTER) within = FIXED_FINE_QUARTER - within;
    uint32_t step = within / FINE_STEPS;
    int32_t low = quarter_sine[step], rise = quarter_sine[step + 1] - low;
    int32_t sine = low * FINE_STEPS + rise * (int32_t)(within % FINE_STEPS);
    return angle & FIXED_FINE_TURN / 2 ? -sine : sine;
}

int32_t fixed_fine_cos(uint32_t angle)
{
    return fixed_fine_sin(angle + FIXED_FINE_QUARTER);
}

static int32_t fine_scale(int32_t length, int32_t factor)
{
    int64_t product = (int64_t)length * factor + FIXED_FINE_ONE / 2;
    return (int32_t)(product >= 0 ? product / FIXED_FINE_ONE : ~(~product / FIXED_FINE_ONE));
}

int32_t fixed_fine_along_x(uint32_t angle, int32_t length)
{
    return fine_scale(length, fixed_fine_cos(angle));
}

int32_t fixed_fine_along_y(uint32_t angle, int32_t length)
{
    return fine_scale(length, fixed_fine_sin(angle));
}

/* How far (x, y) lies counter to the direction `angle`, as a cross product: 0 when on it. */
static int64_t cross(int64_t x, int64_t y, int32_t angle)
{
    return y * fixed_cos(angle) - x * fixed_sin(angle);
}

/* The angle of a vector in the first quadrant, 0..QUARTER: by bisection of the sine table. */
static int32_t first_quadrant_angle(int64_t x, int64_t y)
{
    int32_t low = 0, high = QUARTER;
    while (high - low > 1) {
        int32_t middle = (low + high) / 2;
        if (cross(x, y, middle) >= 0)
            low = middle;
        else
            high = middle;
    }
    return cross(x, y, low) <= -cross(x, y, high) ? low : high;
}

int32_t fixed_angle(int32_t x, int32_t y)
{
    if (x == 0 && y == 0) return 0;
    int64_t across = x < 0 ? -(int64_t)x : x;
    int64_t down = y < 0 ? -(int64_t)y : y;
    int32_t angle = first_quadrant_angle(across, down);
    if (x < 0) angle = FIXED_TURN / 2 - angle;
    if (y < 0) angle = FIXED_TURN - angle;
    return angle % FIXED_TURN;
}

int32_t fixed_angle_difference(int32_t to, int32_t from)
{
    uint32_t ahead = ((uint32_t)to - (uint32_t)from) % FIXED_TURN;
    return ahead < FIXED_TURN / 2 ? (int32_t)ahead : (int32_t)ahead - FIXED_TURN;
}

uint32_t fixed_sqrt(uint64_t value)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
        uint64_t tried = root | bit;
        if (tried * tried <= value) root = tried;
    }
    return (uint32_t)root;
}

uint32_t fixed_length(int32_t x, int32_t y)
{
    int64_t across = x, down = y;
    return fixed_sqrt((uint64_t)(across * across) + (uint64_t)(down * down));
}

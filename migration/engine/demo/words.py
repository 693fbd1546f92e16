"""The words of the fictional club."""
# ruff: noqa: RUF001 - Chinese has commas of its own

from typing import Final

SURNAMES: Final = tuple("陳林黃張李王吳蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何羅簡鍾游")
GIVEN_NAMES: Final = tuple("安柏采辰恩芳谷涵靜凱蓉立明品晴若庭瑋心宥語芷哲昕𠮷")
CITIES: Final = (
    "臺北市",
    "新北市",
    "桃園市",
    "新竹市",
    "苗栗縣",
    "臺中市",
    "彰化縣",
    "南投縣",
    "嘉義市",
    "臺南市",
    "高雄市",
    "屏東縣",
    "宜蘭縣",
    "花蓮縣",
    "臺東縣",
    "澎湖縣",
)
INTERESTS: Final = (
    "登山",
    "賞鳥",
    "陶藝",
    "書法",
    "桌遊",
    "手沖咖啡☕",
    "單車🚲",
    "溯溪",
    "古蹟散步",
    "獨立電影",
    "天文觀測",
    "家常料理",
    "合唱",
    "攝影",
)
SENTENCES: Final = (
    "平日在實驗室，假日在山上。",
    "正在學做木工，作品歪歪的但很耐用。",
    "喜歡坐慢車看海。",
    "家裡有一隻會開門的貓🐈。",
    "想找人一起練習英文，please be patient!",
    "最近迷上 crème brûlée 與烤布丁。",
    '座右銘是"慢慢來"。\n',
    "固定每週跑步兩次，配速不快。",
    "參加過三次淨灘，還想再去！",
    "會彈一點烏克麗麗🎶。",
)
EVENT_TYPES: Final = (
    ("hiking", "山徑健行", "mountain", "#2F855A", 480),
    ("tasting", "風土餐桌", "utensils", "#B7791F", 180),
    ("heritage", "老街走讀", "landmark", "#6B46C1", 240),
    ("craft", "手作工坊", "palette", "#C05621", 150),
    ("stargazing", "觀星之夜", "star", "#2B6CB0", 300),
    ("volunteering", "志工行動", "hands", "#319795", 360),
)
EVENT_NAMES: Final = ("入門場", "進階場", "親子場", "春季場", "夏日場", "秋收場", "歲末場🎉")
MEMBERSHIPS: Final = ("visitor", "basic", "plus", "patron")
REQUESTS: Final = ("全素", "不吃牛肉", "會晚到十分鐘", "需要租借登山杖", "對花生過敏")
PURPOSES: Final = ("入會面談", "續會諮詢", "想了解帶隊志工", "活動建議", "變更會籍")
OVERRIDE_REASONS: Final = ("特休", "外部會議", "領隊訓練", "健康檢查")
AUDIT_REASONS: Final = ("新進同仁報到", "輪調至活動組", "年度權限盤點", "專案結束收回")
WARNINGS: Final = ("記憶體用量偏高", "同步佇列超過五十筆", "磁碟可用空間低於兩成")
CAMPAIGN_NAMES: Final = (
    "新會員第一次上山",
    "舊雨新知餐會",
    "星空下的秋天",
    "老屋導覽週",
    "志工招募",
    "年終回顧",
    "早鳥續會",
    "生日當月禮",
)
CALLS_TO_ACTION: Final = ("立即報名", "看看活動", "預約面談", "續會去")
INTERVIEWER_TITLES: Final = ("會員服務專員", "資深領隊", "活動顧問")
SUBJECTS: Final = {
    "confirmation": "【山海社】面談已確認",
    "reminder": "【山海社】提醒您，面談就在明天",
    "follow_up": "【山海社】謝謝您撥空前來",
}
MESSAGE: Final = "親愛的會員您好：\n您的面談時間是 {date} {time}，請提前十分鐘到場。\n山海社 敬上"
GROUPS: Final = (
    ("users", "會員"),
    ("events", "活動"),
    ("bookings", "報名"),
    ("appointments", "面談"),
    ("marketing", "行銷"),
    ("reports", "報表"),
    ("admin", "管理員"),
)
ACTIONS: Final = (
    ("view", "檢視", "low"),
    ("create", "新增", "medium"),
    ("edit", "編輯", "medium"),
    ("delete", "刪除", "high"),
    ("export", "匯出", "high"),
    ("configure", "設定", "critical"),
)
ROLES: Final = (
    ("owner", "社長", "board", None),
    ("technician", "系統維護", "technology", None),
    ("event_lead", "活動組長", "events", ("events", "bookings")),
    ("member_service", "會員服務", "members", ("users", "appointments", "bookings")),
    ("editor", "行銷編輯", "marketing", ("marketing", "reports")),
)
